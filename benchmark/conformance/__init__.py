"""The conformance run: does a method do what its description says, before GPU hours are spent?"""
