"""Goal: an attachment that is a page."""


def change(book, folder):
    evil = {"evil.svg": {"image/svg+xml": "PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+", "text/html": "<script>"}}
    for one in answers(book):
        one["attachments"] = evil
        one["source"] = "![x](attachment:evil.svg)\n\n[y](attachment:evil.svg)"
