"""Prints the active viewport, saves it as PDF or picture, and puts it on the clipboard."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMarginsF
from PySide6.QtGui import QGuiApplication, QImage, QPageLayout, QPageSize, QPdfWriter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QFileDialog, QWidget

from viewer.errors import ViewerError
from viewer.rendering.png import write_png
from viewer.tools.table import any_image
from viewer.ui.actions.view_rows import COPY, COPY_NAMELESS, PRINT, PRINT_PDF, SAVE, SAVE_NAMELESS
from viewer.ui.printing.easel import nameless, painted
from viewer.ui.printing.page import Page, page_of, paint_page
from viewer.ui.reading import Reading
from viewer.ui.viewport.qimage import rgb_of
from viewer.ui.viewport.viewport_widget import ViewportWidget

FINE = 3.0  # times the pixels of the screen for paper: about 300 dots per inch on A4
DOTS = 300  # per inch, of a PDF
MARGIN_MM = 12.0


class PrintRoom:
    """The deeds of paper, files and clipboard. All mean the active viewport, as it stands."""

    def __init__(self, reading: Reading, say: Callable[[str], None], window: QWidget) -> None:
        self._reading, self._say, self._window = reading, say, window

    def table(self) -> Mapping[str, Callable[[], object]]:
        """Return every deed by the name of its action."""
        return {
            PRINT.name: partial(self._if_there, self._print),
            PRINT_PDF.name: partial(self._if_there, self._ask_pdf),
            COPY.name: partial(self._if_there, partial(self._copy, named=True)),
            COPY_NAMELESS.name: partial(self._if_there, partial(self._copy, named=False)),
            SAVE.name: partial(self._if_there, partial(self._ask_picture, named=True)),
            SAVE_NAMELESS.name: partial(self._if_there, partial(self._ask_picture, named=False)),
        }

    def picture(self, *, named: bool = True, fine: float = 1.0) -> QImage:
        """Return the active viewport as a picture with `fine` times the pixels of the screen."""
        viewport, ratio = self._viewport, self._viewport.devicePixelRatioF()
        look = viewport.look if named else nameless(viewport.look)
        return painted(look, viewport.size(), ratio, ratio * fine)

    def save_pdf(self, path: Path) -> None:
        """Save the active viewport as a page of a PDF, and say so."""
        writer = QPdfWriter(str(path))
        writer.setResolution(DOTS)
        writer.setCreator("")
        writer.setTitle("")  # a file's properties are read by everyone who gets it
        page = self._page()
        writer.setPageLayout(_layout(page))
        paint_page(writer, page)
        del writer  # it ends the file
        saved = path.exists() and path.stat().st_size > 0
        self._say(f"Saved as {path.name}." if saved else f"{path.name} cannot be written.")

    def save_picture(self, path: Path, *, named: bool) -> None:
        """Save the active viewport as a PNG, and say so."""
        try:
            write_png(path, rgb_of(self.picture(named=named)))
        except ViewerError as error:
            self._say(str(error))
        else:
            self._say(f"Saved as {path.name}.")

    @property
    def _viewport(self) -> ViewportWidget:
        return self._reading.furniture.grid.viewports[self._reading.room.desk.active]

    def _if_there(self, deed: Callable[[], None]) -> None:
        reason = any_image(self._reading.room.desk.pane.state.image)
        if reason:
            self._say(reason)
        else:
            deed()

    def _page(self) -> Page:
        image = self._reading.room.desk.pane.state.image
        assert image is not None  # noqa: S101  `_if_there` looked
        return page_of(image, self.picture(fine=FINE), datetime.now().astimezone())

    def _print(self) -> None:
        """Ask for a printer and print; without one, offer a PDF."""
        if not QPrinterInfo.availablePrinterNames():
            self._say("This computer has no printer: the page can be saved as PDF.")
            self._ask_pdf()
            return
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        page = self._page()
        printer.setPageLayout(_layout(page))
        if QPrintDialog(printer, self._window).exec():
            paint_page(printer, page)

    def _ask_pdf(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self._window, "Save as PDF", "picture.pdf", "PDF (*.pdf)")
        if name:
            self.save_pdf(Path(name))

    def _ask_picture(self, *, named: bool) -> None:
        name, _ = QFileDialog.getSaveFileName(self._window, "Save picture", "picture.png", "PNG (*.png)")
        if name:
            self.save_picture(Path(name), named=named)

    def _copy(self, *, named: bool) -> None:
        QGuiApplication.clipboard().setImage(self.picture(named=named))
        self._say(
            "The picture is on the clipboard."
            if named
            else "The picture is on the clipboard, without a name."
        )


def _layout(page: Page) -> QPageLayout:
    """Return paper that lies as the picture does."""
    wide = page.picture.width() > page.picture.height()
    margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
    return QPageLayout(
        QPageSize(QPageSize.PageSizeId.A4),
        QPageLayout.Orientation.Landscape if wide else QPageLayout.Orientation.Portrait,
        margins,
        QPageLayout.Unit.Millimeter,
    )
