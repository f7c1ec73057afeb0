"""Counts claims. A claim is a sentence and a function that raises when it does not hold."""

import traceback


class Claims:
    """Runs claims, says what became of each, and goes on after a failure."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, sentence, prove):
        """`prove` returns what it found, or raises; the claim holds unless it raises."""
        try:
            found = prove()
        except Exception as error:  # any failure is this claim's failure, the next one is still checked
            self.failed += 1
            print(f"FAILED  {sentence}", flush=True)
            print("        " + "\n        ".join(lines_of(error)), flush=True)
            return None
        self.passed += 1
        print(f"ok      {sentence}", flush=True)
        return found

    def close(self):
        """The line that the runner reads."""
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        return 0 if self.failed == 0 and self.passed > 0 else 1


def same(found, expected, what):
    """Both are equal, or the message shows both; of mappings only what differs."""
    if found != expected:
        if isinstance(found, dict) and isinstance(expected, dict):
            differing = [key for key in {**expected, **found} if expected.get(key) != found.get(key)]
            found = {key: found.get(key) for key in differing}
            expected = {key: expected.get(key) for key in differing}
        raise AssertionError(f"{what}\n  expected {shown(expected)}\n  found    {shown(found)}")


def shown(value, length_max=600):
    text = repr(value)
    return text if len(text) <= length_max else f"{text[:length_max]}… ({len(text)} characters)"


def lines_of(error):
    if isinstance(error, AssertionError):
        return str(error).splitlines()
    return "".join(traceback.format_exception_only(error)).splitlines() + [
        line.strip() for line in traceback.format_tb(error.__traceback__)[-1:]
    ]
