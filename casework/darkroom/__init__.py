"""Where files handed in by strangers are decoded: a process of its own that holds no key, opens no file and no connection, and
ends after one picture, one clean copy or one redaction.

Pillow, libheif, pdfium and qpdf are millions of lines that read what an adversary wrote. Run inside the web process, one mistake
in them would read every key in its memory. `casework.evidence.decoding` starts this process; nothing else imports it.
"""
