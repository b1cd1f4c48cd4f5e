"""The strategies of transfer learning, on the same draws of labels."""
