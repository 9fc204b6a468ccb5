"""What operators run beside HuCares."""
