#!/usr/bin/env python3
# Fixes rows of Open WebUI's database. Written by lamb-auth.
@@HEADER@@
import json
import os
import sqlite3
import sys
import urllib.parse

DATABASE = json.loads(@@DATABASE@@)
COLUMNS = json.loads(@@COLUMNS@@)
STEPS = []


class Refused(Exception):
    """Why nothing is changed."""


def step(what, before, change, rows, after):
    """A change: its checks before and after are a query, its values, and the number that it must give."""
    STEPS.append((what, json.loads(before), json.loads(change), rows, json.loads(after)))


@@STEPS@@


def holders(path):
    """The processes that have the file open, as far as this user may see them."""
    wanted = os.stat(path)
    found = []
    processes = os.listdir("/proc") if os.path.isdir("/proc") else []
    for process in processes:
        if not process.isdigit() or int(process) == os.getpid():
            continue
        try:
            files = os.listdir("/proc/" + process + "/fd")
        except OSError:
            continue
        for file in files:
            try:
                there = os.stat("/proc/" + process + "/fd/" + file)
            except OSError:
                continue
            if (there.st_dev, there.st_ino) == (wanted.st_dev, wanted.st_ino):
                found.append(process)
                break
    return found


def check(db, queries, what):
    for sql, values, wanted in queries:
        found = db.execute(sql, values).fetchone()[0]
        if found != wanted:
            raise Refused(what + ": expected " + str(wanted) + ", found " + str(found) + ": " + sql)


def violations(db):
    return len(db.execute("PRAGMA foreign_key_check").fetchall())


def change_all(db):
    for table, columns in COLUMNS.items():
        there = [row[1] for row in db.execute('PRAGMA table_info("' + table + '")')]
        if there != columns:
            raise Refused("the columns of " + table + " are not those that this script was written for")
    for what, before, _, _, _ in STEPS:
        check(db, before, "before: " + what)
    broken = violations(db)
    for what, _, (sql, values), rows, _ in STEPS:
        done = db.execute(sql, values).rowcount
        if done != rows:
            raise Refused(what + ": would change " + str(done) + " rows, not " + str(rows))
        print("  " + what)
    for what, _, _, _, after in STEPS:
        check(db, after, "after: " + what)
    if violations(db) > broken:
        raise Refused("a foreign key would lead nowhere")


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else DATABASE
    if not os.path.isfile(path):
        raise Refused(path + " is not a file")
    held = holders(path)
    if held:
        raise Refused("stop Open WebUI first: " + path + " is open in process " + ", ".join(held))
    address = "file:" + urllib.parse.quote(os.path.abspath(path)) + "?mode=rw"
    db = sqlite3.connect(address, uri=True, timeout=5, isolation_level=None)
    try:
        # In WAL mode this fails while any other process has the file open.
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        try:
            change_all(db)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
    finally:
        db.close()


if __name__ == "__main__":
    try:
        main()
    except (Refused, sqlite3.Error) as error:
        print("nothing was changed: " + str(error), file=sys.stderr)
        if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            print("stop Open WebUI first", file=sys.stderr)
        sys.exit(1)
    print("done: " + str(len(STEPS)) + " changes. Start Open WebUI now.")
