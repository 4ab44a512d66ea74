"""The reviewer in a browser on the same machine.

Imports only textual-serve and aiohttp; each page's reviewer is a process of its own.
"""
