"""The drill: faults done to the processes of a real show, judged by the bytes that leave for the wall."""
