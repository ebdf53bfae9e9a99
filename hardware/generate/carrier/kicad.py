"""Make a board with KiCad 6 from a layout in JSON: ``/usr/bin/python3 kicad.py layout.json folder``.

A script for the Python that has KiCad's module `pcbnew`, run as a process of its own: it imports nothing of this
package, and a hang of KiCad ends with the process. It writes carrier.kicad_pcb, drc.rpt and fab/ into the folder.
"""

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pcbnew

LIBRARY = "/usr/share/kicad/footprints"
SILK_WIDTH_SHARE = 0.15  # of the height of a text: what fabs print legibly
PLOTS = [
    ("F_Cu", "F.Cu"),
    ("B_Cu", "B.Cu"),
    ("F_Mask", "F.Mask"),
    ("B_Mask", "B.Mask"),
    ("F_Silkscreen", "F.SilkS"),
    ("B_Silkscreen", "B.SilkS"),
    ("F_Paste", "F.Paste"),
    ("B_Paste", "B.Paste"),
    ("Edge_Cuts", "Edge.Cuts"),
]
Json = dict[str, Any]


def _mm(length: float) -> int:
    return round(length * 1_000_000)  # nanometres; pcbnew's own FromMM cuts where it should round


def _point(at: list[float]) -> Any:
    return pcbnew.wxPoint(_mm(at[0]), _mm(at[1]))


def _layer(name: str) -> int:
    names = {"F.SilkS": pcbnew.F_SilkS, "B.SilkS": pcbnew.B_SilkS, "F.Fab": pcbnew.F_Fab, "F.CrtYd": pcbnew.F_CrtYd}
    names |= {"F.Cu": pcbnew.F_Cu, "B.Cu": pcbnew.B_Cu, "F.Mask": pcbnew.F_Mask, "B.Mask": pcbnew.B_Mask}
    names |= {"F.Paste": pcbnew.F_Paste, "B.Paste": pcbnew.B_Paste, "Edge.Cuts": pcbnew.Edge_Cuts}
    return int(names[name])


def _set_rules(board: Any, rules: Json) -> None:
    settings = board.GetDesignSettings()
    settings.m_MinClearance = _mm(rules["space"])
    settings.m_TrackMinWidth = _mm(rules["track"])
    settings.m_CopperEdgeClearance = _mm(rules["edge"])
    settings.m_MinThroughDrill = _mm(rules["hole"])
    settings.m_HoleToHoleMin = _mm(rules["hole_to_hole"])
    settings.m_HoleClearance = _mm(rules["hole_to_copper"])
    settings.m_ViasMinAnnularWidth = _mm(rules["ring"])
    settings.m_ViasMinSize = _mm(rules["via_diameter"])


def _add_pad(board: Any, footprint: Any, spec: Json) -> None:
    pad = pcbnew.PAD(footprint)
    shapes = {"rect": pcbnew.PAD_SHAPE_RECT, "roundrect": pcbnew.PAD_SHAPE_ROUNDRECT}
    shapes |= {"circle": pcbnew.PAD_SHAPE_CIRCLE, "oval": pcbnew.PAD_SHAPE_OVAL}
    pad.SetShape(shapes[spec["shape"]])
    pad.SetSize(pcbnew.wxSize(_mm(spec["size"][0]), _mm(spec["size"][1])))
    if spec["shape"] == "roundrect":
        pad.SetRoundRectRadiusRatio(0.25)
    if spec["drill"] is None:
        pad.SetAttribute(pcbnew.PAD_ATTRIB_SMD)
        face = spec["faces"][0]
        layers = pcbnew.LSET()
        layers.AddLayer(_layer(face + ".Cu"))
        layers.AddLayer(_layer(face + ".Mask"))
        if face == "F":
            layers.AddLayer(_layer("F.Paste"))
        pad.SetLayerSet(layers)
    else:
        pad.SetDrillSize(pcbnew.wxSize(_mm(spec["drill"][0]), _mm(spec["drill"][1])))
        if spec["drill"][0] != spec["drill"][1]:
            pad.SetDrillShape(pcbnew.PAD_DRILL_SHAPE_OBLONG)
        plated = bool(spec["number"])
        pad.SetAttribute(pcbnew.PAD_ATTRIB_PTH if plated else pcbnew.PAD_ATTRIB_NPTH)
        pad.SetLayerSet(pad.PTHMask() if plated else pad.UnplatedHoleMask())
    pad.SetNumber(spec["number"])
    pad.SetPos0(_point(spec["at"]))
    pad.SetPosition(_point(spec["at"]))
    footprint.Add(pad)


def _own_footprint(board: Any, shape: Json) -> Any:
    footprint = pcbnew.FOOTPRINT(board)
    footprint.SetFPID(pcbnew.LIB_ID(*shape["name"].split(":")))
    for spec in shape["pads"]:
        _add_pad(board, footprint, spec)
    for spec in shape["lines"]:
        line = pcbnew.FP_SHAPE(footprint, pcbnew.SHAPE_T_SEGMENT)
        line.SetLayer(_layer("F." + spec["layer"]))
        line.SetWidth(_mm(0.05 if spec["layer"] == "CrtYd" else 0.12))
        line.SetStart0(_point(spec["start"]))
        line.SetEnd0(_point(spec["end"]))
        line.SetDrawCoord()
        footprint.Add(line)
    mounts = {"smd": pcbnew.FP_SMD, "through_hole": pcbnew.FP_THROUGH_HOLE}
    nothing = pcbnew.FP_EXCLUDE_FROM_POS_FILES | pcbnew.FP_EXCLUDE_FROM_BOM
    footprint.SetAttributes(mounts.get(shape["mount"], nothing))
    return footprint


def _add_footprint(board: Any, spec: Json, net_of: Any) -> None:
    library, _, name = spec["shape"]["name"].partition(":")
    own = library == "surefoot"
    shape = spec["shape"]
    footprint = _own_footprint(board, shape) if own else pcbnew.FootprintLoad(f"{LIBRARY}/{library}.pretty", name)
    footprint.SetReference(spec["ref"])
    footprint.SetValue(spec["value"])
    footprint.Reference().SetVisible(False)  # the board's own texts name the parts where there is room
    footprint.Value().SetVisible(False)
    if not spec["silk"]:
        for item in [item for item in footprint.GraphicalItems() if item.GetLayer() == pcbnew.F_SilkS]:
            footprint.Remove(item)
    board.Add(footprint)
    footprint.SetPosition(_point(spec["at"]))
    footprint.SetOrientationDegrees(spec["angle_deg"])
    for pad in footprint.Pads():
        if pad.GetNumber() in spec["nets"]:
            pad.SetNet(net_of(spec["nets"][pad.GetNumber()]))


def _add_outline(board: Any, size: list[float], radius: float) -> None:
    width, height = size
    sides: list[Any] = [((radius, 0), (width - radius, 0)), ((width, radius), (width, height - radius))]
    sides += [((width - radius, height), (radius, height)), ((0, height - radius), (0, radius))]
    for start, end in sides:
        line = pcbnew.PCB_SHAPE(board, pcbnew.SHAPE_T_SEGMENT)
        line.SetStart(_point(list(start)))
        line.SetEnd(_point(list(end)))
        _draw(board, line)
    near = radius * (1 - 0.5**0.5)
    corners: list[Any] = [((0, radius), (near, near), (radius, 0))]
    corners += [((width - radius, 0), (width - near, near), (width, radius))]
    corners += [((width, height - radius), (width - near, height - near), (width - radius, height))]
    corners += [((radius, height), (near, height - near), (0, height - radius))]
    for start, middle, end in corners:
        arc = pcbnew.PCB_SHAPE(board, pcbnew.SHAPE_T_ARC)
        arc.SetArcGeometry(_point(list(start)), _point(list(middle)), _point(list(end)))
        _draw(board, arc)


def _draw(board: Any, shape: Any) -> None:
    shape.SetLayer(pcbnew.Edge_Cuts)
    shape.SetWidth(_mm(0.1))
    board.Add(shape)


def _add_area(board: Any, face: str, box: list[float]) -> Any:
    zone = pcbnew.ZONE(board)
    zone.SetLayer(_layer(face + ".Cu"))
    outline = zone.Outline()
    outline.NewOutline()
    left, top, right, bottom = box
    for x, y in [(left, top), (right, top), (right, bottom), (left, bottom)]:
        outline.Append(_mm(x), _mm(y))
    board.Add(zone)
    return zone


def _add_pours(board: Any, layout: Json, rules: Json, ground: Any) -> None:
    for bare in layout["bare"]:
        for face in bare["faces"]:
            zone = _add_area(board, face, bare["box"])
            zone.SetIsRuleArea(True)
            zone.SetDoNotAllowCopperPour(True)
            zone.SetDoNotAllowTracks(True)
            zone.SetDoNotAllowVias(True)
            zone.SetDoNotAllowPads(False)
            zone.SetDoNotAllowFootprints(False)
    for face in "FB":
        zone = _add_area(board, face, [0, 0, *layout["size"]])
        zone.SetNet(ground)
        zone.SetLocalClearance(_mm(0.25))
        zone.SetMinThickness(_mm(0.25))
        zone.SetPadConnection(pcbnew.ZONE_CONNECTION_THERMAL)
        zone.SetThermalReliefGap(_mm(0.3))
        zone.SetThermalReliefSpokeWidth(_mm(0.4))
        zone.SetIslandRemovalMode(pcbnew.ISLAND_REMOVAL_MODE_ALWAYS)
    pcbnew.ZONE_FILLER(board).Fill(board.Zones())


def _add_text(board: Any, spec: Json) -> None:
    text = pcbnew.PCB_TEXT(board)
    text.SetText(spec["text"])
    text.SetLayer(_layer(spec["face"] + ".SilkS"))
    text.SetTextSize(pcbnew.wxSize(_mm(spec["height"]), _mm(spec["height"])))
    text.SetTextThickness(_mm(max(0.1, spec["height"] * SILK_WIDTH_SHARE)))
    text.SetPosition(_point(spec["at"]))
    text.SetTextAngle(spec["angle_deg"] * 10)
    text.SetMirrored(spec["face"] == "B")
    anchors = {"left": pcbnew.GR_TEXT_HJUSTIFY_LEFT, "right": pcbnew.GR_TEXT_HJUSTIFY_RIGHT}
    text.SetHorizJustify(anchors.get(spec["anchor"], pcbnew.GR_TEXT_HJUSTIFY_CENTER))
    board.Add(text)


def _make_board(layout: Json, rules: Json, path: str) -> None:
    pcbnew.KIID.SeedGenerator(1)  # the same identifiers every time
    board = pcbnew.NewBoard(path)
    _set_rules(board, rules)
    board.GetDesignSettings().SetBoardThickness(_mm(layout["thickness"]))
    nets: dict[str, Any] = {}

    def net_of(name: str) -> Any:
        if name not in nets:
            nets[name] = pcbnew.NETINFO_ITEM(board, name)
            board.Add(nets[name])
        return nets[name]

    for name in sorted({net for placed in layout["placed"] for net in placed["nets"].values()}):
        net_of(name)
    _add_outline(board, layout["size"], layout["corner_radius"])
    for spec in layout["placed"]:
        _add_footprint(board, spec, net_of)
    for spec in layout["tracks"]:
        for start, end in pairwise(spec["points"]):
            track = pcbnew.PCB_TRACK(board)
            track.SetStart(_point(start))
            track.SetEnd(_point(end))
            track.SetWidth(_mm(spec["width"]))
            track.SetLayer(_layer(spec["face"] + ".Cu"))
            track.SetNet(net_of(spec["net"]))
            board.Add(track)
    for spec in layout["vias"]:
        via = pcbnew.PCB_VIA(board)
        via.SetPosition(_point(spec["at"]))
        via.SetWidth(_mm(rules["via_diameter"]))
        via.SetDrill(_mm(rules["via_drill"]))
        via.SetNet(net_of(spec["net"]))
        board.Add(via)
    for spec in layout["texts"]:
        _add_text(board, spec)
    for spec in layout["lines"]:
        line = pcbnew.PCB_SHAPE(board, pcbnew.SHAPE_T_SEGMENT)
        line.SetStart(_point(spec["start"]))
        line.SetEnd(_point(spec["end"]))
        line.SetLayer(pcbnew.F_SilkS)
        line.SetWidth(_mm(0.12))
        board.Add(line)
    _add_pours(board, layout, rules, net_of("GND"))
    board.BuildConnectivity()
    pcbnew.SaveBoard(path, board)


def _plot(board: Any, folder: str) -> None:
    controller = pcbnew.PLOT_CONTROLLER(board)
    options = controller.GetPlotOptions()
    options.SetOutputDirectory(folder)
    options.SetPlotFrameRef(False)
    options.SetDrillMarksType(pcbnew.PCB_PLOT_PARAMS.NO_DRILL_SHAPE)  # else holes are drawn on the silk
    options.SetUseGerberX2format(True)
    options.SetIncludeGerberNetlistInfo(True)
    options.SetCreateGerberJobFile(False)
    options.SetUseGerberProtelExtensions(False)
    for name, layer_name in PLOTS:
        controller.SetLayer(_layer(layer_name))
        controller.OpenPlotfile(name, pcbnew.PLOT_FORMAT_GERBER, name)
        controller.PlotLayer()
    controller.ClosePlot()
    writer = pcbnew.EXCELLON_WRITER(board)
    writer.SetFormat(True)
    writer.SetOptions(False, False, pcbnew.wxPoint(0, 0), False)
    writer.CreateDrillandMapFilesSet(folder, True, False)


def _main(layout: str, folder: str) -> None:
    spec = json.loads(Path(layout).read_text(encoding="utf-8"))
    out = Path(folder)
    path = str(out / "carrier.kicad_pcb")
    _make_board(spec["layout"], spec["rules"], path)
    board = pcbnew.LoadBoard(path)  # what is checked and plotted is what was saved
    _set_rules(board, spec["rules"])
    pcbnew.WriteDRCReport(board, str(out / "drc.rpt"), pcbnew.EDA_UNITS_MILLIMETRES, True)
    _plot(board, str(out / "fab"))


if __name__ == "__main__":
    _main(*sys.argv[1:])
