"""The themes: dark, light, high contrast, and the terminal's own sixteen colours."""

from textual.theme import Theme

DARK = Theme(
    name="dark", primary="#6ea8d8", accent="#e0a458", success="#8cc084", warning="#e6c55c", error="#e07a6e",
    foreground="#d8d8d4", background="#16181b", surface="#1d2024", panel="#2a2e34", dark=True,
    variables={"scrollbar": "#6a717b", "scrollbar-background": "#16181b"},
)  # fmt: skip
LIGHT = Theme(
    name="light", primary="#1d5f9a", accent="#8f4a00", success="#276b2c", warning="#7a5a00", error="#a3261b",
    foreground="#1e2124", background="#fbfaf7", surface="#f1efe9", panel="#e2dfd6", dark=False,
    variables={"scrollbar": "#8a867c", "scrollbar-background": "#f1efe9"},
)  # fmt: skip
CONTRAST = Theme(
    name="contrast", primary="#8ecbff", accent="#ffd75f", success="#7dff7d", warning="#ffff5f", error="#ff8f8f",
    foreground="#ffffff", background="#000000", surface="#000000", panel="#3a3a3a", dark=True,
    variables={"scrollbar": "#c0c0c0", "scrollbar-background": "#000000"},
)  # fmt: skip
TERMINAL = Theme(
    name="terminal",
    ansi=True,
    primary="ansi_blue",
    accent="ansi_cyan",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    variables={
        "ansi-background": "ansi_default",  # Textual sets it only for its own ANSI themes
        "input-cursor-foreground": "ansi_default",
        "input-cursor-background": "ansi_default",
        "input-cursor-text-style": "reverse",
        "scrollbar": "ansi_blue",
        "scrollbar-background": "ansi_default",
    },
)
THEMES = {theme.name: theme for theme in (DARK, LIGHT, CONTRAST, TERMINAL)}
