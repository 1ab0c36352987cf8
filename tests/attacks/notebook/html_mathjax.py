"""Goal: MathJax commands that make links, styles and elements."""


def change(book, folder):
    for one in answers(book):
        one["source"] = (
            r"$\href{javascript:alert(1)}{x}$ $$\style{position:fixed;width:100%}{\text{100 points}}$$ "
            r"$\class{btn}{x}$ $\cssId{score}{x}$ $\require{action}\toggle{a}{b}\endtoggle$ "
            r"$\def\x{\csname href\endcsname}\x{javascript:alert(1)}{y}$ \(\unicode{x3c}script\) "
            r"$\let\y=\href \y{javascript:alert(1)}{z}$ $\newcommand{\q}{\h}$ \[\url{javascript:1}\]"
            "\n```{=html}\n<script>alert(1)</script>\n```\n    <script>alert(3)</script>\n"
            "`<script>alert(4)</script>` | a | b |\n|---|---|\n| <script> | x |"
        )
