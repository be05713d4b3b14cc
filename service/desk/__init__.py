"""The desk: the pages that people in a bank work with, made from the use cases that the API calls too."""
