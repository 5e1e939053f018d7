"""Publishing models: versions kept by their SHA-256, replaced as a whole, rolled back; and what two cards differ in."""
