import pulumi
import pulumi_pictor as pictor

trainer = pictor.Instance(
    "trainer",
    name="rented-by-hand",
    storage_gb=50,
    rental_hours=24,
    opts=pulumi.ResourceOptions(import_="rented-by-hand"),
)

pulumi.export("login", trainer.connection.command)
