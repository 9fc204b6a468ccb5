"""A thousand sockets of HuCares beside a thousand of Socket.io: loss, delay, CPU and memory. See ../README.md."""
