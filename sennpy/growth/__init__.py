"""How additions are proposed, and how they are judged."""
