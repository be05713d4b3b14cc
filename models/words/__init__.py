"""Sentences: word templates in Chinese and English, and the one place that fills them from a code and its facts."""
