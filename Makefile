# Everything runs in .venv, which the first target that needs it makes. Needed before: git, make, Python 3.11 or later.
BIN := .venv/bin
READY := .venv/ready
HARDWARE := .venv-hardware/bin/python
HARDWARE_READY := .venv-hardware/ready
DEMO := demo-reports

.DEFAULT_GOAL := help
.PHONY: help demo test lint types soak firmware firmware-sizes hardware hardware-files docs-validation bench clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

demo: $(READY) ## analyse two runs and write their reports into demo-reports/
	@echo "A real runner on a treadmill:"
	@$(BIN)/surefoot demo --no-open --out $(DEMO)/treadmill
	@echo
	@echo "A mountain run, built stride by stride from the same runner's recordings:"
	@$(BIN)/python -m tests.rig.mountain_run $(DEMO)/mountain
	@$(BIN)/surefoot analyze $(DEMO)/mountain/mountain_run.csv --out $(DEMO)/mountain --side right --sensor-height 0.145 \
		--route $(DEMO)/mountain/mountain_run.gpx --about "$$(cat $(DEMO)/mountain/about.txt)"
	@echo
	@echo "Open in a browser:"
	@echo "  $(CURDIR)/$(DEMO)/treadmill/report.html"
	@echo "  $(CURDIR)/$(DEMO)/mountain/report.html"

test: lint types ## check format, style and types, and run all tests
	@$(BIN)/python -m pytest -q

lint: $(READY) ## check format and style
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted: run .venv/bin/ruff format ." >&2; exit 1; }
	@$(BIN)/ruff check --quiet .

types: $(READY) ## check types
	@$(BIN)/mypy
	@$(BIN)/mypy --config-file firmware/mypy.ini firmware

soak: $(READY) ## run the long forms of the proofs: firmware, recording, run files (an hour and more)
	@$(BIN)/python -m pytest -q -m soak

BOARD ?= esp32_devkitc
firmware: $(READY) ## compile the firmware for BOARD=esp32_devkitc, xiao_esp32c3, xiao_esp32s3 or lolin32_lite into build/firmware
	@$(BIN)/python -m surefoot.flash.build $(BOARD)

firmware-sizes: $(READY) ## compile the firmware for both processors and print sizes and memory
	@$(BIN)/python -m tests.rig.firmware_build

hardware: $(HARDWARE_READY) ## make all hardware files anew, compare them with those here, and run the checks of KiCad, SKiDL and build123d
	@$(HARDWARE) -m hardware.generate --check
	@$(HARDWARE) -m pytest -q -m tools -p no:cacheprovider tests/hardware

hardware-files: $(HARDWARE_READY) ## write all hardware files from hardware/design.yaml
	@$(HARDWARE) -m hardware.generate

docs-validation: $(READY) ## score all reference recordings and write docs/validation.md
	@$(BIN)/surefoot validate

bench: $(READY) ## time the analysis of hour-long recordings, and the recorder on the rig (some 20 minutes)
	@$(BIN)/python -m tests.bench.bench_analyze
	@$(BIN)/python -m tests.bench.bench_record

clean: ## remove both environments, the demo reports and all caches
	rm -rf .venv .venv-hardware $(DEMO) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find hardware host tests -name __pycache__ -prune -exec rm -rf {} +

# Remade when what the installed package is made of changes; the code itself is installed in place.
$(READY): pyproject.toml host/surefoot/__init__.py .ci/setup
	@sh .ci/setup
	@touch $@

$(HARDWARE_READY): pyproject.toml .ci/setup-hardware
	@sh .ci/setup-hardware
	@touch $@
