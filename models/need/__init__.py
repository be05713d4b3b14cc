"""How much money a firm needs: nine methods, each told with its figures, and how they combine."""
