"""Goal: Markdown links that run a script or tell who is marking."""


def change(book, folder):
    for one in answers(book):
        one["source"] = (
            "[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](java&#115;cript:alert(1))\n"
            "[d](&#x6a;avascript:alert(1)) [e](javascript\\:alert(1)) [f](vbscript:x) [g][ref]\n"
            "[h](data:text/html;base64,PHNjcmlwdD4=) [i](  javascript:alert(1) 'title')\n"
            "![j](https://evil.example/track.png) ![k][ref]\n\n[ref]: javascript:alert(1)\n"
            "[l]: <javascript:alert(1)>\n\n[l] [m](file:///etc/passwd) [n](//evil.example)"
        )
