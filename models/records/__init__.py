"""The known rows of one case as readable records: the applicant, and each of its patent rights on the day."""
