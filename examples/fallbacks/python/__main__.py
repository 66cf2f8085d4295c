import pulumi
import pulumi_pictor as pictor

trainer = pictor.Instance(
    "trainer",
    gpu_models=["RTX 5090", "RTX 4090", "RTX 3090"],
    max_price_per_hour="0.60",
    capacity_wait="30m",
    rental_hours=24,
)

pulumi.export("model", trainer.gpu_model)
pulumi.export("hourlyPrice", trainer.hourly_price)
