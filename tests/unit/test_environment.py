"""What the installer is asked for."""

from __future__ import annotations

from devtools import environment


def test_some_packages_go_in_without_what_they_ask_for(monkeypatch, tmp_path):
    calls: list[list[str]] = []
    monkeypatch.setattr(environment, "pip", lambda _python, words, *_: calls.append(words))
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    environment.install(python, ["torchaudio", "lpips", "pyiqa"], verbose=False)
    assert calls == [
        ["install", *environment.TORCH, "lpips"],
        ["install", "--no-deps", environment.TORCHAUDIO, "pyiqa"],
    ]
    environment.install(python, ["pyiqa"], verbose=False)
    assert len(calls) == 2, "what is there is not installed again"
