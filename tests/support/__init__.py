"""What several test folders share: the corpus' place, system programs, mail builders."""
