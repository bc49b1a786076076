"""The other studies of a patient that are on this computer, one click away."""

import pytest
from PySide6.QtWidgets import QApplication
from test_study_browser import fill, study
from window import written

from viewer.cache.store import Store

pytestmark = [pytest.mark.qt_log_ignore("This plugin does not support .*")]
TINA = {"PatientID": "4711", "PatientName": "Doe^Tina", "PatientBirthDate": "19570304"}
HOSPITAL = {"IssuerOfPatientID": "HOSP"}


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "cache") as opened:
        yield opened


@pytest.fixture
def person(reader, store, tmp_path):
    """Return a reader of Tina's study 1; of the six others in the cache, 2 and 3 are hers for certain."""
    fill(
        store,
        tmp_path,
        study(2, 3, **TINA, **HOSPITAL),
        study(3, 4, **TINA | {"PatientName": "Smith^Tina"}, **HOSPITAL),
        study(4, **TINA, IssuerOfPatientID="ELSEWHERE"),  # another issuer
        study(5, **TINA | {"PatientID": "47110"}, **HOSPITAL),  # another ID, with hers inside
        study(6, **TINA | {"PatientID": ""}),  # the name alone
        study(7, **TINA),  # no issuer
    )
    person = reader(written(study(1, **TINA, **HOSPITAL), tmp_path / "open"), store=store)
    priors = person.window.comparing.priors
    person.wait(lambda: not priors.busy)
    return person


def listed(person):
    menu = person.window.comparing.priors.menu
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions()}


def test_priors_are_those_with_the_very_issuer_and_id(person):
    button = person.window.comparing.priors.button
    assert button.isVisible()
    assert button.text() == "Priors 2  \N{BLACK DOWN-POINTING SMALL TRIANGLE}"
    words = list(listed(person))
    assert [line[:10] for line in words] == ["2026-01-03", "2026-01-02"]  # newest first
    assert "UNDER ANOTHER NAME: Smith, Tina" in words[0]
    assert "ANOTHER" not in words[1]
    assert words[1].endswith("CT   Study 2   3 images")


def test_a_click_opens_a_prior_beside_and_closes_nothing(person, stay_off_the_disk):
    with stay_off_the_disk():
        chosen = next(action for words, action in listed(person).items() if "Study 2" in words)
        chosen.trigger()
        person.settle()
    hung = [pane.hung.series.study.study_description for pane in person.desk.panes]
    assert hung == ["Study 1", "Study 2"]
    assert not person.window.furniture.grid.warning.isVisible()
    person.wait(lambda: not person.window.comparing.priors.busy)
    assert "Priors" in person.window.comparing.priors.button.text()
    ticked = [words for words, action in listed(person).items() if action.isChecked()]
    assert any("Study 1" in words or "Study 2" in words for words in ticked)


def test_a_prior_under_another_name_is_warned_of_when_it_is_open(person):
    next(action for words, action in listed(person).items() if "Smith" in words).trigger()
    person.settle()
    assert person.window.furniture.grid.warning.isVisible()


def test_the_list_opens_with_a_key_and_says_why_it_is_empty(reader, store, tmp_path, person):
    person.key("Alt+P")
    menu = QApplication.activePopupWidget()
    assert menu is person.window.comparing.priors.menu
    menu.close()
    nobody = reader(written(study(8, PatientID=""), tmp_path / "nobody"), store=store)
    nobody.key("Alt+P")
    assert nobody.said.startswith("This patient has no ID")
    alone = reader(written(study(9), tmp_path / "alone"), store=store)
    alone.wait(lambda: not alone.window.comparing.priors.busy)
    alone.key("Alt+P")
    assert alone.said.startswith("This computer has no other study")
