"""Protocols as text and files: what is written is read back equal, what is wrong is said with its place."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_protocols import PROTOCOLS

from viewer.errors import ViewerError
from viewer.hanging.load import CONDITIONS, PROTOCOL, SLOT, STAGE, center_width, load, load_all, loaded
from viewer.hanging.protocol import OLDEST, Conditions, Protocol, Slot, Stage, Start, Zoom
from viewer.hanging.save import delete, restore, save, text
from viewer.paths import resource

LEAST = 'name = "Mine"\nlayout = { rows = 1, columns = 2 }\n'
IN_SLOT = LEAST + "[[slot]]\n"


# ------------------------------------------------------------------------------------------- reading
def test_a_protocol_is_read_as_it_is_written() -> None:
    found = loaded(
        """
        name = "Knee"
        about = "Both sides"
        when = { modality = ["MR"], body_part = ["KNEE"] }
        layout = { rows = 1, columns = 3 }
        link = false
        reference_lines = true
        [[slot]]
        where = { description = ["*pd*"], plane = ["sagittal"], contrast = false }
        window = "40,400"
        index = "last"
        [[slot]]
        where = [ { laterality = ["R"] }, {} ]
        prior = "oldest"
        orientation = ["P", "F"]
        justify = "right"
        zoom = "same-scale"
        repeat = true
        invert = true
        palette = "Hot Iron"
        """,
        "knee.toml",
    )
    one = Slot(
        (Conditions(description=("*pd*",), plane=("sagittal",), contrast=False),),
        window="40,400",
        index=Start.LAST,
    )
    two = Slot(
        (Conditions(laterality=("R",)), Conditions()),
        OLDEST,
        repeat=True,
        zoom=Zoom.SAME_SCALE,
        justify="right",
        orientation=("P", "F"),
        invert=True,
        palette="Hot Iron",
    )
    stage = Stage(1, 3, (one, two), link=False, reference_lines=True)
    when = (Conditions(modality=("MR",), body_part=("KNEE",)),)
    assert found == Protocol("Knee", when, (stage,), "Both sides")


def test_stages_are_read_in_order() -> None:
    stages = (
        '[[stage]]\nname = "A"\nlayout = {}\n[[stage]]\nlayout = { columns = 2 }\n[[stage.slot]]\nprior = 1\n'
    )
    found = loaded('name = "Two"\n' + stages, "two.toml")
    assert [(stage.name, stage.rows, stage.columns) for stage in found.stages] == [("A", 1, 1), ("", 1, 2)]
    assert found.stages[1].slots == (Slot(prior=1),)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("name = ", "x.toml cannot be understood: "),
        ("a = " + "[" * 3000, "x.toml cannot be understood"),
        ("layout = {}", "x.toml: name is missing."),
        ('name = ""\nlayout = {}', "x.toml: name must be a text of 1 to 80 characters."),
        ('name = "A"', "x.toml: layout is missing."),
        (LEAST + "colour = 1", "x.toml: unknown key colour; known are name, about, when"),
        ('name = "A"\nlayout = { rows = 9 }', "x.toml: layout, rows must be a whole number from 1 to 6."),
        ('name = "A"\nlayout = { rows = true }', "x.toml: layout, rows must be a whole number"),
        ('name = "A"\nlayout = 4', "x.toml: layout must be a table."),
        (LEAST + "when = 3", "x.toml: when must be a table or a list of tables."),
        (LEAST + "when = { modality = 'CT' }", "x.toml: when, modality must be a list of texts"),
        (LEAST + "when = { modalitty = ['CT'] }", "x.toml: when: unknown key modalitty"),
        (LEAST + "when = [{}, { kind = ['video'] }]", "x.toml: when 2, kind has an unknown word video"),
        (LEAST + "when = { plane = ['oblique'] }", 'known are "axial", "coronal", "sagittal"'),
        (LEAST + "when = { laterality = ['left'] }", 'known are "R", "L", "B"'),
        (LEAST + "when = { contrast = 'yes' }", "x.toml: when, contrast must be true or false."),
        (IN_SLOT + "windwo = 'Lung'", "x.toml: slot 1: unknown key windwo; known are where"),
        (IN_SLOT + "window = '40;400'", "x.toml: slot 1, window must be the name of a window"),
        (IN_SLOT + "window = '40,0'", "x.toml: slot 1, window must be"),
        (IN_SLOT + "window = 'nan,nan'", ""),
        (IN_SLOT + "zoom = 'big'", 'x.toml: slot 1, zoom must be one of "fit", "same-scale", "1:1".'),
        (IN_SLOT + "prior = -1", "x.toml: slot 1, prior must be a whole number"),
        (IN_SLOT + "prior = true", "x.toml: slot 1, prior must be a whole number"),
        (IN_SLOT + "justify = 'top'", 'x.toml: slot 1, justify must be "left" or "right".'),
        (IN_SLOT + "orientation = ['P']", "x.toml: slot 1, orientation must name the directions"),
        (IN_SLOT + "orientation = ['P', 'X']", "x.toml: slot 1, orientation must name the directions"),
        (IN_SLOT + "index = 3", 'x.toml: slot 1, index must be one of "first", "middle", "last".'),
        (IN_SLOT + "palette = 3", "x.toml: slot 1, palette must be a text in quotes."),
        (IN_SLOT + "[[slot]]\n[[slot]]", "x.toml: 3 slots do not fit into 1 x 2 viewports."),
        (LEAST + "[[stage]]\nlayout = {}", "x.toml: layout stands beside [[stage]]; it belongs into one."),
        ('name = "A"\n[[stage]]\nname = "B"', "x.toml: stage 1, layout is missing."),
        (
            'name = "A"\n[[stage]]\nlayout = {}\n[[stage.slot]]\nx = 1',
            "x.toml: stage 1, slot 1: unknown key x",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_and_key(content: str, sentence: str) -> None:
    if not sentence:  # a name, though an odd one
        assert loaded(content, "x.toml").stages[0].slots[0].window == "nan,nan"
        return
    with pytest.raises(ViewerError) as error:
        loaded(content, "x.toml")
    assert sentence in str(error.value)


@given(st.text(max_size=60))
def test_no_text_is_a_fault_of_the_program(content: str) -> None:
    try:
        loaded(LEAST + content, "x.toml")
    except ViewerError as error:
        assert str(error).startswith("x.toml")  # noqa: PT017  it may as well be understood


def test_a_window_of_two_numbers() -> None:
    assert center_width("40,400") == (40.0, 400.0)
    assert center_width(" -600.5 , 1500 ") == (-600.5, 1500.0)
    for odd in ("40", "40,0.5", "a,b", "1,2,3", "nan,4", "4,inf", ""):
        assert center_width(odd) is None


# ------------------------------------------------------------------------------------------- writing
@given(PROTOCOLS)
def test_what_is_written_is_read_back_equal(protocol: Protocol) -> None:
    assert loaded(text(protocol), "x.toml") == protocol


def test_a_saved_protocol_explains_itself_in_its_first_lines(tmp_path: Path) -> None:
    path = save(Protocol("Mine"), tmp_path / "hanging")
    assert path.name == "mine.toml"
    assert path.read_text("utf-8").startswith("# A hanging protocol of Negatoscope.")
    assert load(path) == Protocol("Mine")


def test_two_protocols_never_share_a_file_and_a_changed_one_keeps_its_own(tmp_path: Path) -> None:
    first, second = save(Protocol("A b!"), tmp_path), save(Protocol("a B?"), tmp_path)
    assert (first.name, second.name) == ("a-b.toml", "a-b-2.toml")
    assert save(Protocol("Renamed"), tmp_path, instead=first) == first
    assert load(first).name == "Renamed"
    assert save(Protocol("日本"), tmp_path).name == "protocol.toml"


def test_a_deleted_protocol_can_be_brought_back(tmp_path: Path) -> None:
    path = save(Protocol("Mine"), tmp_path)
    content = delete(path)
    assert not path.exists()
    restore(path, content)
    assert load(path) == Protocol("Mine")


def test_a_folder_that_cannot_be_written_to_is_said_and_nothing_is_left_there(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ViewerError, match=r"cannot be written"):
        save(Protocol("Mine"), tmp_path / "file")
    with pytest.raises(ViewerError, match=r"cannot be deleted"):
        delete(tmp_path / "none.toml")
    with pytest.raises(ViewerError, match=r"cannot be written"):
        restore(tmp_path / "none" / "x.toml", "")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_protocol_that_could_not_be_read_again_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ViewerError, match="name must be a text"):
        save(Protocol("x" * 100), tmp_path)
    assert not list(tmp_path.iterdir())


# ------------------------------------------------------------------------------------------- folders
def test_all_protocols_that_come_with_the_program_can_be_read() -> None:
    found = load_all(resource("hanging"), Path("/nowhere"))
    assert found.notices == ()
    names = [protocol.name for protocol in found.protocols]
    assert len(set(names)) == len(names)
    assert {"CT chest", "CT head", "MR", "Radiograph", "Mammogram", "Ultrasound", "Angiography"} <= set(names)
    assert all(protocol.about and not protocol.own for protocol in found.protocols)


def test_ones_own_come_first_and_take_the_place_of_those_of_the_same_name(tmp_path: Path) -> None:
    mine = replace(Protocol("ct CHEST"), about="mine")
    save(mine, tmp_path)
    found = load_all(resource("hanging"), tmp_path)
    assert found.protocols[0] == mine
    assert found.protocols[0].own
    assert found.protocols[0].path == tmp_path / "ct-chest.toml"
    assert [each for each in found.protocols if each.name.casefold() == "ct chest"] == [mine]


def test_a_file_that_cannot_be_used_is_said_and_the_others_count(tmp_path: Path) -> None:
    save(Protocol("Good"), tmp_path)
    (tmp_path / "bad.toml").write_text("name = 3")
    (tmp_path / "same.toml").write_text('name = "GOOD"\nlayout = {}')
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "huge.toml").write_text("#" * 300_000)
    (tmp_path / "notes.txt").write_text("not asked")
    if hasattr(os, "mkfifo"):  # not on Windows
        os.mkfifo(tmp_path / "pipe.toml")  # nobody writes into it: reading would wait for ever
    found = load_all(resource("hanging"), tmp_path)
    assert [each.name for each in found.protocols if each.own] == ["Good"]
    assert sorted(found.notices) == [
        "bad.toml: name must be a text in quotes.",
        "binary.toml is no hanging protocol: it is not UTF-8 text.",
        "huge.toml is no hanging protocol: it has more than 256 KiB.",
        "same.toml has the name of another protocol, GOOD: not used.",
    ]
    with pytest.raises(ViewerError, match="cannot be read"):
        load(tmp_path / "none.toml")


def test_the_manual_names_every_key_and_its_example_can_be_read() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "hanging.md").read_text("utf-8")
    example = manual.split("```toml\n")[1].split("```")[0]
    assert loaded(example, "example").name == "Knee with prior"
    for key in {**PROTOCOL, **STAGE, **SLOT, **CONDITIONS}:
        names = {"stage": "[[stage]]", "slot": "[[slot]]"}
        assert f"`{names.get(key, key)}`" in manual, key
