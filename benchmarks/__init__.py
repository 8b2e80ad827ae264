"""Measurements of Groundswell itself: how far its figures can be trusted, as tables that anybody can make again."""
