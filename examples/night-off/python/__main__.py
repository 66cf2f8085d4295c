import pulumi
import pulumi_pictor as pictor

trainer = pictor.Instance(
    "trainer",
    rental_hours=100,
    desired_status=pulumi.Config().get("desiredStatus", "running"),
)

pulumi.export("status", trainer.status)
