// Run a program under MicroPython's WebAssembly port: node interpreter_32bit.mjs WASM HEAP_KB FOLDER... SCRIPT ARGUMENT...
import fs from "node:fs";
import path from "node:path";

const [wasm, heapKb, standIns, firmware, scripts, script, ...args] = process.argv.slice(2);
const { loadMicroPython } = await import(wasm);
const mp = await loadMicroPython({
    heapsize: Number(heapKb) * 1024,
    linebuffer: true,
    stdout: (line) => console.log(line),
    stderr: (line) => console.error(line),
});

function copy(from, to) {
    if (fs.statSync(from).isDirectory()) {
        mp.FS.mkdirTree(to);
        for (const name of fs.readdirSync(from)) copy(path.join(from, name), path.posix.join(to, name));
    } else {
        mp.FS.mkdirTree(path.posix.dirname(to));
        mp.FS.writeFile(to, fs.readFileSync(from));
    }
}

const folders = { "/standins": standIns, "/firmware": firmware, "/scripts": scripts };
for (const [to, from] of Object.entries(folders)) copy(from, to);
for (const name of args) if (fs.existsSync(name)) copy(name, name);

try {
    mp.runPython(`
import sys
sys.path[:] = ["/standins", "/firmware", "/scripts"]
sys.argv[:] = ${JSON.stringify([script, ...args])}
__name__ = "__main__"
exec(open("/scripts/${script}").read())
`);
    // This port collects garbage only between calls: a program that needs that defines next_turn(), called until False.
    const nextTurn = mp.globals.get("next_turn");
    while (nextTurn?.()) mp.runPython("import gc; gc.collect()");
} catch (error) {
    console.error(`Traceback: ${error.message ?? error}`);
    process.exit(1);
}
