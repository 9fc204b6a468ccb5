"""What somebody's history shows beyond chance: findings, each from one rule with its evidence, and their wording."""
