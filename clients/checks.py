"""Checks that are counted and named; a script ends with the counts and a failing exit code when one failed."""
import json
import os
import sys
import traceback

READY = json.load(open(os.environ["DWSIM_READY"]))
DATAVERSE = READY["services"]["dataverse"]
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def run():
    failed = 0
    for function in CHECKS:
        try:
            function()
        except Exception:
            failed += 1
            print(f"FAILED {function.__name__}")
            traceback.print_exc()
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def raises(kind, function):
    try:
        function()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")
