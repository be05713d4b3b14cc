"""Complete assessments a second, against bare scores and against a plain application that scores and explains."""
