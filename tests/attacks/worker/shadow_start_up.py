"""Goal: files that Python or pytest would run by themselves."""
#### file: sitecustomize.py
open("/tmp/@MARK@", "w")
#### file: usercustomize.py
open("/tmp/@MARK@", "w")
#### file: conftest.py
open("/tmp/@MARK@", "w")
def pytest_runtest_makereport(item, call): call.excinfo = None
#### file: __init__.py
open("/tmp/@MARK@", "w")
#### file: __main__.py
open("/tmp/@MARK@", "w")
#### file: setup.py
open("/tmp/@MARK@", "w")
