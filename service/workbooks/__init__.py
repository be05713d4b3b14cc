"""The workbook: one template for an applicant, for a list of them and for old files; written, checked and read."""
