"""Probes: what a machine may ask about this Tandem: does it live, is it ready, and how does it do in numbers?"""
