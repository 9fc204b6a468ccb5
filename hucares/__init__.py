"""HuCares: a private weekly check-in among close friends."""
