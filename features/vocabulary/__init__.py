"""Words that may be typed for codes: labels and synonyms of every choice, and of every fact that evidence may tell."""

from features.vocabulary.vocabulary import UNKNOWN, VOCABULARY, CodeWords, TypedVocabulary, VocabularyError

__all__ = ["UNKNOWN", "VOCABULARY", "CodeWords", "TypedVocabulary", "VocabularyError"]
