"""Every command that the command line names exists and explains itself."""

import pytest

from viewer import cli


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_a_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: viewer")
