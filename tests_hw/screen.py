# SPDX-License-Identifier: Apache-2.0
"""A terminal as far as rackproof uses one (ECMA-48): a screen of letters, and what scrolled off its top."""
import re


class Screen:
    """Unknown sequences raise: whatever the program sends must be understood here."""

    TOKEN = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])|\x1b|([\x00-\x1f\x7f])|([^\x00-\x1f\x7f])")

    def __init__(self, columns, rows):
        self.scrolled, self.bells, self.styled = [], 0, False
        self.row = self.column = 0
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]
        self.cursor_shown, self.colors = True, set()
        self.pending = ""

    def resize(self, columns, rows):
        """As xterm does: lines are cut, not wrapped anew; what does not fit at the top scrolls off."""
        while len(self.cells) > rows:
            if self.row < rows:
                self.cells.pop()
            else:
                self.scrolled.append(self.line_of(self.cells.pop(0)))
                self.row -= 1
        self.cells += [[" "] * columns for _ in range(rows - len(self.cells))]
        self.cells = [(cells + [" "] * columns)[:columns] for cells in self.cells]
        self.columns, self.rows = columns, rows
        self.column = min(self.column, columns - 1)

    def feed(self, text):
        text = self.pending + text
        half = re.search(r"\x1b(\[[0-9;?]*)?$", text)
        self.pending = half.group() if half else ""
        text = text[:len(text) - len(self.pending)]
        for private, numbers, command, control, letter in (m.groups("") for m in self.TOKEN.finditer(text)):
            if command:
                self.command(private, [int(n) for n in numbers.split(";") if n], command)
            elif control:
                self.control(control)
            elif letter:
                self.put(letter)
            else:
                raise AssertionError(f"an escape that is no sequence, in {text!r}")

    def command(self, private, numbers, command):
        first = numbers[0] if numbers else None
        if private and numbers == [25] and command in "hl":
            self.cursor_shown = command == "h"
        elif private:
            raise AssertionError(f"changes the terminal's state: ?{numbers}{command}")
        elif command == "A":
            self.row = max(0, self.row - (first or 1))
        elif command == "H" and not numbers:
            self.row = self.column = 0
        elif command == "K" and not first:
            self.cells[self.row][min(self.column, self.columns - 1):] = [" "] * (self.columns - min(self.column, self.columns - 1))
        elif command == "J" and not first:
            self.command("", [], "K")
            for row in range(self.row + 1, self.rows):
                self.cells[row] = [" "] * self.columns
        elif command == "m":
            self.styled = bool(first)
            self.colors.update(numbers)
        else:
            raise AssertionError(f"not understood: {numbers}{command}")

    def control(self, control):
        if control == "\r":
            self.column = 0
        elif control == "\n":
            self.down()
        else:
            raise AssertionError(f"control character {control!r}")

    def down(self):
        if self.row + 1 < self.rows:
            self.row += 1
        else:
            self.scrolled.append(self.line_of(self.cells.pop(0)))
            self.cells.append([" "] * self.columns)

    def put(self, letter):
        if self.column == self.columns:
            self.column = 0
            self.down()
        self.cells[self.row][self.column] = letter
        self.column += 1

    @staticmethod
    def line_of(cells):
        return "".join(cells).rstrip()

    def lines(self):
        return [self.line_of(cells) for cells in self.cells]

    def everything(self):
        return "\n".join(self.scrolled + self.lines())
