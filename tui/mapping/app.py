"""The app in which a mapping is made: one screen over a table."""

from tui.config.settings import Settings
from tui.mapping.screen import MappingScreen
from tui.runtime.app import KeyedApp


class MappingApp(KeyedApp):
    """Opens the mapping screen."""

    CSS_PATH = "screen.tcss"  # of the app, since Textual reads no style file of an app's first screen

    def __init__(self, screen: MappingScreen, settings: Settings | None = None) -> None:
        super().__init__(settings or Settings())
        self.mapping_screen = screen

    def get_default_screen(self) -> MappingScreen:
        """Return the mapping screen: pushed over Textual's empty one, it would be laid out second."""
        return self.mapping_screen

    async def action_quit(self) -> None:
        """Quit by Textual's own key as by ``q``, which asks."""
        if self.screen is self.mapping_screen:
            self.mapping_screen.action_quit()

    def crash_details(self) -> dict[str, object]:
        """Return what a crash report says of the session."""
        sample = self.mapping_screen.sample
        return {
            **super().crash_details(),
            "columns": len(sample.table.columns),
            "rows": len(sample.rows),
            "row": self.mapping_screen.row,
            "changes": len(self.mapping_screen.draft.past),
        }
