"""The student's bundle: what is handed out, that nothing secret is in it, and how it is renewed.

parts, texts, contents   what goes in (instructors)
secrets, leaks           that no solution and no hidden check does (instructors)
package                  the bundle as a folder and as a zip, written and read
merge, news, update      taking a newer one (students)
finish                   the last steps of an update, also of one that was interrupted
"""
