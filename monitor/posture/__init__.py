"""Mail domains as they show themselves in names: checks, gateways, keys of signatures.

What is asked, is asked by a process of its own (monitor/posture/child.py): it has the network and
neither database nor mail. Nothing is ever sent to a domain under check; names are asked of the
resolvers of `[dns]`, and connections are made to the hosts of `[[gateways]]` alone.
"""
