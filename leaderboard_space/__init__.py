"""The public leaderboard: a Gradio app over a folder of submissions. `realunify serve` shows it locally.

The way of a submission: `submissions` (checked, refused or stored) -> `store` (one immutable record) ->
`rescoring` (unpacked, judged and scored here) -> `ranking` -> `pages`.
"""
