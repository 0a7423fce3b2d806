"""Untrusted text made inert: one function for each medium that text is written to.

Untrusted is every text that the code does not contain: specs, names of files, values, answers of the vendor.
In a medium with markup, `Markdown` and `Html` are types of their own. Only literals of the code and escaped
text become such a value, so that a writer cannot forget to escape.

terminal, log of a CI runner   plain: escape_text, escape_value: one line
JSON                           json_text: json_document, escape_json
workflow command               workflow: workflow_command
Markdown                       markdown: Markdown
HTML                           html: Html
CSV                            csv_cell: escape_cell

Each has a module, so that text for a terminal does not import those with markup.
"""
