"""The verdict: are a file's signatures intact, trusted, and do they cover what the reader sees?

Runs in isolated children: no sockets, no event loop, no settings, never a network. `judge.Judge`
judges a file, `cms.cms_facts` reads CMS for whoever has its content at hand.
"""
