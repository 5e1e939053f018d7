"""Learning to find digits in pictures: scenes, the detector network, its targets and losses, and how it is trained."""
