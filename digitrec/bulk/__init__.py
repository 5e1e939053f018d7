"""Many pictures: folders, archives and tables of them, answered by a process a core and written to a file.

sources --chunks--> pool of processes, each with a task --rows--> output

Memory does not grow with the number of pictures, and what is in the output already is not done again.
"""
