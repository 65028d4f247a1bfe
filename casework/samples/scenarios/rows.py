"""What a story looks like before it is imported: the columns of the import, with their codes and words."""

Scenario = dict[str, str]
