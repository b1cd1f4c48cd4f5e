"""
A first model without labels
============================
"""

print(1)
