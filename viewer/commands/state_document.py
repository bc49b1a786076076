"""What a presentation state says, as a JSON document and in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from viewer.annotations.shapes import Annotation
from viewer.dicom.luts import LookupTable, Modality, Voi
from viewer.presentation.state import AreaItem, PresentationState, Reference, VoiItem

Document = dict[str, Any]


def document(state: PresentationState, texts: Mapping[str, str]) -> Document:
    """Return all that was understood; `texts` are those of the file by Tracking UID."""
    content = state.content
    return {
        "sop_instance_uid": state.uid,
        "series_instance_uid": state.series_uid,
        "study_instance_uid": state.study_uid,
        "content_label": content.label,
        "content_description": content.description,
        "content_creator_name": content.creator,
        "created": content.created.isoformat() if content.created else "",
        "references": _references(state.references),
        "modality": _modality(state.modality),
        "voi": [_voi_item(item) for item in state.vois],
        "presentation_lut_shape": "INVERSE" if state.inverted else "IDENTITY",
        "rotation": state.rotation,
        "flip": state.flipped,
        "displayed_areas": [_area_item(item) for item in state.areas],
        "annotations": [_annotation(shape, texts) for shape in state.annotations],
        "not_understood": list(state.notices),
    }


def in_words(found: Document) -> str:
    """Return the same for a person."""
    lines = [
        f"label        {found['content_label']}  {found['content_description']}".rstrip(),
        f"created      {found['created']} {found['content_creator_name']}".rstrip(),
        f"images       {len(found['references'])}",
    ]
    lines += [f"window       {_voi_words(item)}" for item in found["voi"]]
    lines.append(f"polarity     {found['presentation_lut_shape']}")
    lines.append(f"orientation  turned by {found['rotation']}{', flipped' if found['flip'] else ''}")
    for shape in found["annotations"]:
        points = " ".join(f"{x:g},{y:g}" for x, y in shape["points"][:4])
        more = " ..." if len(shape["points"]) > 4 else ""  # noqa: PLR2004  of an outline the beginning is enough
        text = shape["text"].replace("\n", "; ")
        lines.append(f"{shape['kind']:<12} {points}{more}  {text}".rstrip())
    lines += [f"not shown    {notice}" for notice in found["not_understood"]]
    return "\n".join(lines)


def _references(references: Sequence[Reference]) -> list[Document]:
    return [{"sop_instance_uid": item.sop_instance_uid, "frames": list(item.frames)} for item in references]


def _modality(modality: Modality | None) -> Document | None:
    if modality is None:
        return None
    if isinstance(modality, LookupTable):
        return _table(modality) | {"unit": modality.unit}
    return {"slope": modality.slope, "intercept": modality.intercept, "unit": modality.unit}


def _table(table: LookupTable) -> Document:
    return {"table": len(table.entries), "first": table.first, "bits": table.bits}


def _voi_item(item: VoiItem) -> Document:
    return _voi(item.voi) | {"explanation": item.voi.explanation, "references": _references(item.references)}


def _voi(voi: Voi) -> Document:
    if isinstance(voi, LookupTable):
        return _table(voi)
    return {"center": voi.center, "width": voi.width, "function": voi.function.value}


def _voi_words(item: Document) -> str:
    if "table" in item:
        return f"table of {item['table']} entries {item['explanation']}".rstrip()
    return f"{item['center']:g} / {item['width']:g} {item['function']} {item['explanation']}".rstrip()


def _area_item(item: AreaItem) -> Document:
    area = item.area
    return {
        "left": area.left,
        "top": area.top,
        "right": area.right,
        "bottom": area.bottom,
        "size_mode": area.size_mode,
        "pixel_spacing": list(area.pixel_spacing) if area.pixel_spacing else None,
        "pixel_aspect": area.pixel_aspect,
        "references": _references(item.references),
    }


def _annotation(shape: Annotation, texts: Mapping[str, str]) -> Document:
    return {
        "kind": shape.kind.value.lower(),
        "sop_instance_uid": shape.frame.sop_instance_uid,
        "frame": shape.frame.frame_number,
        "points": [list(point) for point in shape.points],
        "text": texts.get(shape.uid, shape.text),
        "own_words": shape.text,
        "tracking_uid": shape.uid,
        "by_another_program": shape.read_only,
    }
