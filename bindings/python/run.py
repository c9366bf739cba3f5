"""Runs the stories and the contract suite; ends with one line that counts them.

Names of tests as arguments (`story.Killed`) run only those.
"""

import sys
import unittest


def main() -> int:
    names = sys.argv[1:] or ["story", "bridge", "background", "answers", "suite"]
    tests = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(tests)
    failed = len(result.failures) + len(result.errors)
    skipped = len(result.skipped)
    print(f"{result.testsRun - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
